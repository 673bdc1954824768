// The AsyncAPI project's own parser: node asyncapi.mjs < TEXTS, a JSON array of documents' texts
//
// Prints, as a JSON array, what each is about and what the parser has to say of it. 0 is an error, 1 a warning.

import { Parser } from "@asyncapi/parser";
import { json } from "node:stream/consumers";

const parser = new Parser();
const told = [];
for (const text of await json(process.stdin)) {
  const { document, diagnostics } = await parser.parse(text);
  told.push({
    title: document?.info().title(),
    channels: document?.channels().all().map((channel) => channel.id()),
    messages: document?.messages().all().map((message) => message.id()),
    complaints: diagnostics
      .filter(({ severity }) => severity <= 1)
      .map(({ path, message }) => `${path.join(".")}: ${message}`),
  });
}
console.log(JSON.stringify(told));
