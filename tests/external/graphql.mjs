// Prints what is wrong with each of the GraphQL documents (a JSON list on standard input) by GitHub's schema, as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const { buildSchema, parse, validate } = createRequire(`${process.env.MODULES}/`)("graphql");
const idl = `${process.env.MODULES}/@octokit/graphql-schema/schema.graphql`;
// The published schema names a field twice.
const schema = buildSchema(readFileSync(idl, "utf8"), { assumeValidSDL: true });
const said = JSON.parse(readFileSync(0, "utf8")).map((text) => validate(schema, parse(text)).map((e) => e.message));
console.log(JSON.stringify(said));
