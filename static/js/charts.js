// Draws the figures of a page. Plotly itself (4.8 MB) is fetched only where there is a figure.
(() => {
  "use strict";
  const root = document.documentElement;
  let library;

  function load(address) {
    library ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: address, async: true, onload: resolve, onerror: reject });
      document.head.append(script);
    });
    return library;
  }

  // "token:accent" or "token:accent/35" (per cent of opacity) → the colour that it has in this theme.
  const probe = document.createElement("span");
  function colour(name) {
    const [token, opacity] = name.slice("token:".length).split("/");
    probe.style.color = `var(--${token})`;
    const shade = getComputedStyle(probe).color;
    return opacity ? shade.replace(/^rgb\((.*)\)$/, `rgba($1, ${Number(opacity) / 100})`) : shade;
  }
  function dressed(part) {
    if (typeof part === "string") {
      if (part === "token:font") return getComputedStyle(document.body).fontFamily;
      return part.startsWith("token:") ? colour(part) : part;
    }
    if (Array.isArray(part)) return part.map(dressed);
    if (part && typeof part === "object")
      return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, dressed(value)]));
    return part;
  }

  async function draw(chart) {
    const plot = chart.querySelector(".plot");
    const figure = JSON.parse(document.getElementById(chart.dataset.chart).textContent);
    try {
      await load(chart.dataset.library);
    } catch {
      chart.querySelector("details").open = true;
      plot.hidden = true;
      return;
    }
    root.append(probe);
    const { data, layout } = dressed(figure);
    probe.remove();
    if (innerWidth < 600) layout.xaxis = { ...layout.xaxis, nticks: 4 };
    await Plotly.react(plot, data, layout, { displayModeBar: false, responsive: true, scrollZoom: false });
    await Plotly.Plots.resize(plot);
    chart.dataset.drawn = "";
  }
  const drawAll = (within) => within.querySelectorAll("[data-chart]").forEach(draw);

  document.addEventListener("theme", () => drawAll(document));
  for (const change of ["(prefers-color-scheme: dark)", "print"])
    matchMedia(change).addEventListener("change", () => drawAll(document));
  document.addEventListener("htmx:load", ({ detail }) => detail.elt !== document.body && drawAll(detail.elt));
  drawAll(document);
})();
