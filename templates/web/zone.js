// Fills in the time zone of the browser, where the form still shows the one of the site.
(function () {
  var field = document.getElementById("zone");
  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (field && zone && field.dataset.guess === field.value) field.value = zone;
})();
