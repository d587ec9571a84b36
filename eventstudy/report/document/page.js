"use strict";
(() => {
  // width of a chart on paper: A4 or letter less the margins, in CSS pixels
  const PAPER = 660;
  // a wheel or a finger scrolls the page, not the chart; buttons stand beside it, not in it
  const OPTIONS = {
    responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false,
    doubleClick: false, showTips: false,
  };
  const drawn = new Map();  // chart → promise of its picture
  const plots = [...document.querySelectorAll("div.plot")];
  const dataOf = (id) => JSON.parse(document.getElementById(id).textContent);

  const draw = (plot, width) => {
    if (drawn.has(plot)) return drawn.get(plot);
    const { data, layout } = dataOf("data-" + plot.id.slice("chart-".length));
    drawn.set(plot, Plotly.newPlot(plot, data, width ? { ...layout, width } : layout, OPTIONS));
    return drawn.get(plot);
  };

  // a chart is drawn when it comes near: the page is read before the last one is needed
  const watch = new IntersectionObserver((seen) => {
    for (const one of seen) {
      if (one.isIntersecting) { watch.unobserve(one.target); draw(one.target); }
    }
  }, { rootMargin: "600px 0px" });
  plots.forEach((plot) => watch.observe(plot));

  // one group of a chart alone, by mouse, touch or keyboard
  for (const bar of document.querySelectorAll("div.groups")) {
    const buttons = [...bar.querySelectorAll("button")];
    const plot = document.getElementById("chart-" + bar.dataset.chart);
    buttons.forEach((button, at) => button.addEventListener("click", async () => {
      buttons.forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
      await draw(plot);
      const group = plot.layout.meta.groups[at];
      Plotly.update(plot, { visible: group.visible }, group.layout);
    }));
  }

  for (const button of document.querySelectorAll(".save")) {
    button.addEventListener("click", async () => {
      const plot = document.getElementById("chart-" + button.dataset.chart);
      await draw(plot);
      const size = { width: plot.clientWidth, height: plot.clientHeight, scale: 2 };
      Plotly.downloadImage(plot, { format: "png", filename: button.dataset.chart, ...size });
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
    for (const plot of plots) {
      if (plot.layout) Plotly.relayout(plot, { width: PAPER });
      else draw(plot, PAPER);
    }
  });
  window.addEventListener("afterprint", () => {
    opened.forEach((fold) => { fold.open = false; });
    plots.forEach(async (plot) => {
      await draw(plot);
      const { width, ...layout } = plot.layout;
      Plotly.react(plot, plot.data, { ...layout, autosize: true });
    });
  });
})();
