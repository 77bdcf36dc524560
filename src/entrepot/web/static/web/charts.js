/* Draws every <div data-chart data-src="…">: fetches an ECharts option as JSON, fills in the house's look.
   A formatter may be named in the JSON, since functions cannot travel in it:
   "@integer", "@percent" (a share, 0.125 → 12.5 %), "@money:EUR" (major units), "@day". */
"use strict";
(function () {
  const LIBRARY = document.currentScript.dataset.echarts;
  const PALETTE = ["#1f6fb2", "#e08e0b", "#2e8b57", "#b3478c", "#6b5bd2", "#4aa3a2", "#c4553b", "#7a8795"];
  const charts = new Map();
  let library = null;

  function loadLibrary() {
    library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = LIBRARY;
      script.onload = () => resolve(window.echarts);
      script.onerror = reject;
      document.head.append(script);
    });
    return library;
  }

  function formatter(name) {
    const language = document.documentElement.lang;
    const [kind, currency] = name.slice(1).split(":");
    const options = {
      integer: { maximumFractionDigits: 0 },
      percent: { style: "percent", maximumFractionDigits: 1 },
      money: { minimumFractionDigits: 0, maximumFractionDigits: 2 },
    }[kind];
    if (kind === "day") return (value) => new Date(value).toLocaleDateString(language);
    if (!options) return (value) => value;
    const format = new Intl.NumberFormat(language, options);
    const suffix = kind === "money" && currency ? ` ${currency}` : "";
    return (value) => (value === null || value === undefined || value === "-" ? "–" : format.format(value) + suffix);
  }

  function nameFormatters(node) {
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === "string" && value.startsWith("@") && key.toLowerCase().endsWith("formatter")) node[key] = formatter(value);
      else if (value && typeof value === "object") nameFormatters(value);
    }
    return node;
  }

  const isDark = () => document.documentElement.dataset.bsTheme === "dark";

  function dressed(option) {
    const ink = isDark() ? "#c8d3e0" : "#3a4656";
    const line = isDark() ? "#3b4a5e" : "#dde3ea";
    const font = getComputedStyle(document.body).fontFamily;
    const axis = (given) =>
      given && [].concat(given).map((one) => ({
        ...one,
        axisLabel: { color: ink, hideOverlap: true, ...one.axisLabel },
        axisLine: { lineStyle: { color: line }, ...one.axisLine },
        splitLine: { lineStyle: { color: line }, ...one.splitLine },
      }));
    return {
      color: PALETTE,
      animationDuration: 300,
      ...option,
      textStyle: { fontFamily: font, color: ink, ...option.textStyle },
      tooltip: { trigger: "axis", confine: true, ...option.tooltip, renderMode: "richText" }, // HTML tips need inline styles
      legend: option.legend === undefined ? undefined : { top: 0, type: "scroll", textStyle: { color: ink }, ...option.legend },
      grid: option.grid ?? { top: option.legend ? 36 : 16, right: 16, bottom: 8, left: 8, containLabel: true },
      xAxis: axis(option.xAxis),
      yAxis: axis(option.yAxis),
      series: option.series && option.series.map((one) => ({ ...one, label: { color: ink, textBorderWidth: 0, ...one.label } })),
    };
  }

  function draw(element, option) {
    const chart = charts.get(element) ?? window.echarts.init(element, null, { renderer: "canvas" });
    if (!charts.has(element)) {
      charts.set(element, chart);
      new ResizeObserver(() => chart.resize()).observe(element);
      chart.on("click", (event) => {
        const href = event.data && event.data.href;
        if (typeof href === "string" && href.startsWith("/")) location.href = href;
      });
    }
    chart.setOption(dressed(nameFormatters(structuredClone(option))), true);
  }

  function say(element, text) {
    const words = document.createElement("div");
    words.className = "chart-message";
    words.textContent = text;
    element.replaceChildren(words);
  }

  async function show(element) {
    if (element.dataset.state) return;
    element.dataset.state = "loading";
    try {
      const inline = element.dataset.optionId && document.getElementById(element.dataset.optionId);
      const [option] = await Promise.all([
        inline ? JSON.parse(inline.textContent) : fetch(element.dataset.src, { headers: { Accept: "application/json" } }).then((reply) => {
          if (!reply.ok) throw new Error(String(reply.status));
          return reply.json();
        }),
        loadLibrary(),
      ]);
      element.dataset.state = "shown";
      if (option.empty) return say(element, option.empty);
      element.chartOption = option;
      draw(element, option);
    } catch (error) {
      element.dataset.state = "failed";
      say(element, document.body.dataset.textFailed);
    }
  }

  function showAll(root) {
    if (root.matches && root.matches("[data-chart]")) show(root);
    for (const element of root.querySelectorAll("[data-chart]")) show(element);
    for (const [element, chart] of charts) {
      if (!element.isConnected) {
        chart.dispose();
        charts.delete(element);
      }
    }
  }

  document.addEventListener("DOMContentLoaded", () => showAll(document.body));
  document.addEventListener("htmx:load", (event) => showAll(event.detail.elt));
  document.addEventListener("theme:changed", () => {
    for (const element of charts.keys()) draw(element, element.chartOption);
  });
})();
