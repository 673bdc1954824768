// The AsyncAPI project's own parser: node asyncapi.mjs < DOCUMENT
//
// Prints, as JSON, what the document is about and what the parser has to say of it. 0 is an error, 1 a warning.

import { Parser } from "@asyncapi/parser";
import { text } from "node:stream/consumers";

const { document, diagnostics } = await new Parser().parse(await text(process.stdin));
console.log(
  JSON.stringify({
    title: document?.info().title(),
    channels: document?.channels().all().map((channel) => channel.id()),
    messages: document?.messages().all().map((message) => message.id()),
    complaints: diagnostics
      .filter(({ severity }) => severity <= 1)
      .map(({ path, message }) => `${path.join(".")}: ${message}`),
  }),
);
