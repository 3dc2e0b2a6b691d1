// What makes a page wider than its screen; nothing, if nothing does.
() => {
  for (const details of document.querySelectorAll("article details")) details.open = true;
  const width = document.documentElement.clientWidth, all = document.documentElement.scrollWidth;
  if (all <= width) return "";
  const moves = "pre, .cell_output, .run-static, .pst-scrollable-table-container";
  const wide = [...document.querySelectorAll("article *")].filter(
    (node) => node.getBoundingClientRect().right > width + 1 && !node.closest(moves),
  );
  return `${all} pixels: ${wide.slice(0, 3).map((node) => node.outerHTML.slice(0, 150)).join(" ")}`;
}
