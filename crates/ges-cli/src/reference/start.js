// At the emulator, calls can be tried out, and go to it; anywhere else this is a page to read.
const isAtEmulator = location.pathname === "/docs" && location.protocol !== "file:";
const description = JSON.parse(document.getElementById("document").textContent);
if (isAtEmulator) description.servers.unshift({ url: location.origin, description: "This emulator" });
SwaggerUIBundle({
  spec: description,
  dom_id: "#operations",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  supportedSubmitMethods: isAtEmulator ? ["get", "post", "put", "delete"] : [],
  // What follows # in a path tells operations of one address apart, and is never sent.
  requestInterceptor: (request) => ({ ...request, url: request.url.replace(/#[^?]*/, "") }),
});
// Where the drawing is wider than the window, its states are in the middle of what can be seen, and a list says the same.
const drawing = document.querySelector(".drawing");
drawing.scrollLeft = (drawing.scrollWidth - drawing.clientWidth) / 2;
const list = document.createElement("ul");
for (const change of drawing.querySelector("svg").getAttribute("aria-label").split("; ")) {
  list.appendChild(document.createElement("li")).textContent = change;
}
drawing.before(list);
