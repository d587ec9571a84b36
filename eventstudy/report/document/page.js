"use strict";
(() => {
  // width of a chart on paper: A4 or letter less the margins, in CSS pixels
  const PAPER = 660;
  const drawn = new Set();
  const plots = [...document.querySelectorAll(".plot")];
  const dataOf = (id) => JSON.parse(document.getElementById(id).textContent);

  const draw = (plot) => {
    if (drawn.has(plot)) return;
    drawn.add(plot);
    const figure = dataOf("data-" + plot.id.slice("chart-".length));
    const options = {
      responsive: true, displaylogo: false, scrollZoom: false, showTips: false,
      displayModeBar: "hover",
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    };
    Plotly.newPlot(plot, figure.data, figure.layout, options);
    plot.style.minHeight = "";
  };

  // a chart is drawn when it comes near: the page is read before the last one is needed
  const watch = new IntersectionObserver((seen) => {
    for (const one of seen) {
      if (one.isIntersecting) { watch.unobserve(one.target); draw(one.target); }
    }
  }, { rootMargin: "600px 0px" });
  plots.forEach((plot) => watch.observe(plot));

  // one group of a chart alone, by mouse, touch or keyboard
  const isolate = (bar, pressed) => {
    for (const button of bar.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === pressed));
    }
    const plot = document.getElementById("chart-" + bar.dataset.chart);
    draw(plot);
    const names = plot.data.map((trace) => trace.legendgroup || "");
    const groups = [...new Set(names.filter((name) => name))];
    const asked = groups[Number(pressed.dataset.group) - 1];
    const shown = names.map((name) => asked === undefined || !name || name === asked);
    Plotly.restyle(plot, { visible: shown });
  };
  for (const bar of document.querySelectorAll(".groups")) {
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) isolate(bar, button);
    });
  }

  // a file that lies in the page
  for (const button of document.querySelectorAll("[data-save]")) {
    button.addEventListener("click", () => {
      const file = new Blob([dataOf(button.dataset.save)], { type: "text/csv;charset=utf-8" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = button.dataset.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }

  // paper shows every chart in its width, and what is folded unless it is long
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not(.tall):not([open])")];
    opened.forEach((fold) => { fold.open = true; });
    plots.forEach((plot) => { draw(plot); Plotly.relayout(plot, { width: PAPER }); });
  });
  window.addEventListener("afterprint", () => {
    opened.forEach((fold) => { fold.open = false; });
    plots.forEach((plot) => Plotly.relayout(plot, { width: null, autosize: true }));
  });
})();
