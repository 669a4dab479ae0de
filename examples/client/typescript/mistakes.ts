// What the generated types must refuse: tsc fails where one of these mistakes is none.
import createClient from "openapi-fetch";
import type { paths } from "./openclaw.js";

export async function mistakes(): Promise<void> {
  const client = createClient<paths>();
  // @ts-expect-error there is no such path
  await client.POST("/v1/rates", { body: {} });
  // @ts-expect-error a rating needs its input
  await client.POST("/v1/rate", {});
  // @ts-expect-error a name is missing
  await client.GET("/v1/models/{name}");
  const { data } = await client.POST("/v1/rate", { body: {} });
  if (data) {
    // @ts-expect-error a rating is a number
    const text: string = data.rating;
    // @ts-expect-error there is no such member
    console.log(text, data.score);
  }
}
