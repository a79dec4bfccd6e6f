// Replicates an event stream with ldes-client; writes its members as N-Quads.
//   node ldes-client.mjs ADDRESS

import { intoConfig, replicateLDES } from "ldes-client";
import { Writer } from "n3";

const client = replicateLDES(intoConfig({ url: process.argv[2], ordered: "ascending" }));
const reader = client.stream({ highWaterMark: 10 }).getReader();
const writer = new Writer({ format: "N-Quads" });
for (let read = await reader.read(); !read.done; read = await reader.read()) {
  writer.addQuads(read.value.quads);
}
writer.end((error, text) => {
  if (error) throw error;
  process.stdout.write(text);
});
