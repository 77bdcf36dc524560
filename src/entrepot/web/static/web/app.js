/* The shell's few habits: theme, messages, rows that open a page, a key for the search box. */
"use strict";
(function () {
  const body = () => document.body.dataset;

  function toast(text, level) {
    const box = document.createElement("div");
    box.className = `toast show toast-${level}`;
    box.setAttribute("role", level === "error" ? "alert" : "status");
    const row = document.createElement("div");
    row.className = "toast-body d-flex align-items-start gap-2";
    const words = document.createElement("span");
    words.className = "flex-fill";
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn-close";
    close.dataset.toastClose = "";
    close.setAttribute("aria-label", body().textClose);
    row.append(words, close);
    box.append(row);
    document.getElementById("toasts").append(box);
    if (level !== "error") dismissLater(box);
  }

  const dismissLater = (box) => setTimeout(() => box.remove(), 7000);

  function toggleTheme() {
    const root = document.documentElement;
    const theme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    root.dataset.bsTheme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    document.dispatchEvent(new CustomEvent("theme:changed"));
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[data-theme-toggle]")) return toggleTheme();
    const close = target.closest("[data-toast-close]");
    if (close) return close.closest(".toast").remove();
    const row = target.closest("tr[data-href]");
    if (row && !target.closest("a, button, input, label, select") && !String(getSelection())) location.href = row.dataset.href;
  });

  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-check-all]");
    if (all) {
      for (const box of document.querySelectorAll(all.dataset.checkAll)) {
        box.checked = all.checked;
        box.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
    const auto = event.target.closest("[data-submit-on-change]");
    if (auto && auto.form) auto.form.requestSubmit();
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const search = document.getElementById("global-search");
    if (event.key === "/" && !typing && search && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    }
  });

  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  document.addEventListener("htmx:responseError", (event) => {
    const reply = event.detail.xhr;
    const plain = (reply.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    toast(plain && reply.responseText ? reply.responseText : body().textFailed, "error");
  });
  document.addEventListener("htmx:sendError", () => toast(body().textOffline, "error"));
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.level || "success")); // HX-Trigger

  document.addEventListener("DOMContentLoaded", () => {
    for (const box of document.querySelectorAll("[data-toast]:not(.toast-error)")) dismissLater(box);
  });
})();
