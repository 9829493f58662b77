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
