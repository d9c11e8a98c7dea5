"use strict";
// Search in a table, and unfolding what a link leads to. Without it the page says the same.
function unfold(id) {
  var place = id && document.getElementById(id);
  for (var one = place; one; one = one.parentElement) {
    if (one.tagName === "DETAILS") { one.open = true; }
  }
  if (place) { place.scrollIntoView(); }
}
function named() { return decodeURIComponent(location.hash.slice(1)); }
addEventListener("hashchange", function () { unfold(named()); });
if (location.hash) { unfold(named()); }
document.querySelectorAll("input[data-rows]").forEach(function (input) {
  var box = document.getElementById(input.dataset.rows);
  var rows = Array.from(box.querySelectorAll("tr")).filter(function (row) { return row.querySelector("td"); });
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  var folds = Array.from(box.querySelectorAll("details"));
  var told = input.parentElement.querySelector("output");
  input.parentElement.hidden = false;
  input.addEventListener("input", function () {
    var wanted = input.value.trim().toLowerCase(), count = 0;
    rows.forEach(function (row, place) {
      var found = texts[place].includes(wanted);
      row.hidden = !found;
      count += found;
    });
    folds.forEach(function (fold) {
      fold.open = wanted !== "" && fold.querySelector("tr:not([hidden]) td") !== null;
    });
    told.textContent = wanted ? count + " found" : "";
  });
});
