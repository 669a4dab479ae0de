// Rates a credit application by the client that is generated from the OpenAPI document:
//   npm ci && npm run generate && npm run build
//   OPENCLAW_URL=http://127.0.0.1:8080 OPENCLAW_KEY=ock_… npm run --silent rate
import createClient from "openapi-fetch";
import type { components, paths } from "./openclaw.js";

if (process.argv.includes("--help")) {
  console.log("rate: rates an application; OPENCLAW_URL and OPENCLAW_KEY say where and with which key");
  process.exit(0);
}
const key = process.env.OPENCLAW_KEY;
if (!key) {
  throw new Error("OPENCLAW_KEY: none (expected: a key, ock_…)");
}
const client = createClient<paths>({
  baseUrl: process.env.OPENCLAW_URL ?? "http://127.0.0.1:8080",
  headers: { Authorization: `Bearer ${key}` },
});

const rated = await client.POST("/v1/rate", {
  body: { checking_status: "<0", duration: 6, credit_amount: 1169, purpose: "radio/tv" },
});
if (rated.error) {
  throw new Error(`${rated.response.status}: ${rated.error.title}`);
}
const rating: components["schemas"]["Rating"] = rated.data;
console.log(`rating ${rating.rating} ${rating.decision} by ${rating.model} ${rating.version} in ${rating.region}`);
console.log(`reasons ${rating.reasons.map((reason) => reason.code).join(" ")}`);

const refused = await client.POST("/v1/rate", { body: { duration: "six" } });
if (refused.data || refused.response.status !== 422) {
  throw new Error(`${refused.response.status} (expected: 422)`);
}
console.log(`refused ${refused.response.status} ${refused.error.title}: ${refused.error.detail}`);

const models = await client.GET("/v1/models");
const name = models.data?.models[0]?.name;
if (!name) {
  throw new Error("no models");
}
const model = await client.GET("/v1/models/{name}", { params: { path: { name } } });
console.log(`model ${model.data?.name} ${model.data?.version} deterministic ${model.data?.deterministic}`);

const limits = await client.GET("/v1/limits");
console.log(`limits ${limits.data?.limits.map((limit) => `${limit.level} ${limit.rate}/s`).join(", ") || "none"}`);
