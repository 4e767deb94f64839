// Swagger UI on our own description; nothing is asked of any other host.
window.SwaggerUIBundle({
  dom_id: "#interface",
  url: "/api/v1/openapi.json",
  validatorUrl: null,
  deepLinking: true,
  syntaxHighlight: false,
});
