// Figures as files: SVG with its colours in it, and PNG drawn shape by shape on a canvas, as the
// Content-Security-Policy lets no picture in that isn't the server's own.

const STYLES = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "font-size", "font-family", "text-anchor"];
const SHAPES = "rect, line, circle, path, polyline, text";
const SCALE = 2; // pixels of PNG to one of the figure

export function toSvg(svg) {
  const copy = svg.cloneNode(true);
  const pairs = [...svg.querySelectorAll(SHAPES)].map((shape, at) => [shape, copy.querySelectorAll(SHAPES)[at]]);
  for (const [shape, target] of pairs) {
    const style = getComputedStyle(shape);
    for (const name of STYLES) target.setAttribute(name, style.getPropertyValue(name));
    target.removeAttribute("class");
  }
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return new XMLSerializer().serializeToString(copy);
}

export async function toPng(svg) {
  const { x, y, width, height } = svg.viewBox.baseVal;
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const pen = canvas.getContext("2d");
  pen.scale(SCALE, SCALE);
  pen.fillStyle = getComputedStyle(document.body).backgroundColor;
  pen.fillRect(0, 0, width, height);
  pen.translate(-x, -y);
  for (const shape of svg.querySelectorAll(SHAPES)) paint(pen, shape, getComputedStyle(shape));
  return new Promise((resume) => canvas.toBlob(resume, "image/png"));
}

function paint(pen, shape, style) {
  const number = (name) => Number(shape.getAttribute(name));
  pen.fillStyle = style.fill;
  pen.strokeStyle = style.stroke;
  pen.lineWidth = parseFloat(style.strokeWidth) || 1;
  if (shape.localName === "text") {
    pen.font = `${style.fontSize} ${style.fontFamily}`;
    pen.textAlign = { middle: "center", end: "right" }[style.textAnchor] ?? "left";
    pen.fillText(shape.textContent, number("x"), number("y"));
    return;
  }
  const outline = new Path2D(outlineOf(shape, number));
  pen.globalAlpha = Number(style.fillOpacity);
  if (style.fill !== "none") pen.fill(outline);
  pen.globalAlpha = 1;
  if (style.stroke !== "none") pen.stroke(outline);
}

function outlineOf(shape, number) {
  const [x, y, r] = [number("cx"), number("cy"), number("r")];
  switch (shape.localName) {
    case "rect":
      return `M${number("x")} ${number("y")}h${number("width")}v${number("height")}h${-number("width")}z`;
    case "line":
      return `M${number("x1")} ${number("y1")}L${number("x2")} ${number("y2")}`;
    case "circle":
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
    case "polyline":
      return `M${shape.getAttribute("points").replaceAll(" ", "L")}`;
    default:
      return shape.getAttribute("d");
  }
}
