/* Lists: filters that count what is ticked in them, the bar of bulk actions, links that follow the filters, keys. */
"use strict";
(function () {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  function countFacet(facet) {
    const n = all("input[type=checkbox]:checked", facet).length;
    const badge = facet.querySelector("[data-facet-count]");
    badge.textContent = String(n);
    badge.hidden = n === 0;
  }

  function searchFacet(input) {
    const wanted = input.value.trim().toLowerCase();
    for (const item of all("label.dropdown-item", input.closest(".dropdown-menu"))) {
      item.hidden = wanted !== "" && !item.textContent.toLowerCase().includes(wanted);
    }
  }

  function showBulkBar(form) {
    const bar = form.querySelector("[data-bulk-bar]");
    if (!bar) return;
    const n = all("tbody input[type=checkbox]:checked", form).length;
    bar.classList.toggle("d-none", n === 0);
    bar.querySelector("[data-bulk-count]").textContent = String(n);
  }

  /* Links and forms outside the panel keep up with the filters that the panel shows. */
  function followQuery() {
    const holder = document.querySelector(".panel-query");
    if (!holder) return;
    const query = holder.dataset.query;
    for (const link of all("[data-follow-query]")) link.search = query ? `?${query}` : "";
    for (const form of all("[data-current-query]")) form.elements.namedItem(form.dataset.currentQuery).value = query;
  }

  document.addEventListener("change", (event) => {
    const facet = event.target.closest("[data-facet]");
    if (facet) countFacet(facet);
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-facet-search]")) {
      event.stopPropagation();
      searchFacet(event.target);
    }
    const form = event.target.closest("form");
    if (form && form.querySelector("[data-bulk-bar]")) showBulkBar(form);
  });
  document.addEventListener("click", (event) => {
    const asking = event.target.closest("[data-ask]");
    if (asking && !window.confirm(asking.dataset.ask)) event.preventDefault();
  });
  document.addEventListener("htmx:afterSettle", followQuery);

  /* Review queue: j and k walk, x ticks, Enter opens. */
  function walk(step) {
    const rows = all("[data-walk] tbody tr");
    if (!rows.length) return;
    const now = rows.indexOf(document.activeElement.closest("tr"));
    const next = rows[Math.min(Math.max(now + step, 0), rows.length - 1)];
    next.tabIndex = -1;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    if (!document.querySelector("[data-walk]")) return;
    const row = document.activeElement.closest("[data-walk] tr");
    if (event.key === "j") walk(1);
    else if (event.key === "k") walk(-1);
    else if (event.key === "x" && row) row.querySelector("input[type=checkbox]").click();
    else if (event.key === "Enter" && row && document.activeElement === row) location.href = row.querySelector("a").href;
    else return;
    event.preventDefault();
  });
})();
