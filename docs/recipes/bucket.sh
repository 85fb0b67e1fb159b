#!/bin/sh
# A site from an object store or a CDN: bring a public folder there, each file with its type.
#
#     sh bucket.sh /srv/newsroom/public s3://news.example.org
#
# Run it after `feeds publish`, or every minute beside `feeds run`; what has not changed is not sent. It needs the
# aws command, or whatever $AWS names that understands `s3 sync`. In the store: index document index.html, error
# document 404.html. Compression is the store's or the CDN's work, so the .gz and .br copies stay here.
set -eu
from=$1 to=$2
aws=${AWS:-aws}

# sync TYPE PATTERN...: the files of these names, without what is ours alone; those that are gone here go there.
# Where an item was withdrawn, the store then answers with the error document.
sync() {
    type=$1
    shift
    for pattern; do
        $aws s3 sync "$from" "$to" --exclude '*' --include "$pattern" --exclude '.*' \
            --content-type "$type" --cache-control 'public, max-age=300' --delete --only-show-errors
    done
}

# In this order, so that no feed and no page leads to what is not there yet.
sync 'text/css; charset=utf-8' '*.css'
sync 'image/svg+xml' '*.svg'
sync 'image/png' '*.png'
sync 'text/html; charset=utf-8' 'items/*.html' '*/items/*.html'
sync 'text/html; charset=utf-8' '*/index.html' '404.html' '*/404.html'
sync 'application/rss+xml; charset=utf-8' '*.rss'
sync 'application/feed+json; charset=utf-8' '*.json'
sync 'application/atom+xml; charset=utf-8' '*.atom'
sync 'text/x-opml; charset=utf-8' '*.opml'
sync 'application/xml; charset=utf-8' '*.xml'
sync 'text/plain; charset=utf-8' '*.txt'
sync 'text/html; charset=utf-8' 'index.html'
