// Puts a value, once, and says what can be known of it:
//     node client.mjs HOST:PORT KEY VALUE VERSION
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const DEFINITE = [ // as kv.proto has them
  "NOT_FOUND", "FAILED_PRECONDITION", "INVALID_ARGUMENT", "UNIMPLEMENTED",
  "ALREADY_EXISTS", "ABORTED", "RESOURCE_EXHAUSTED",
];

const { kv } = grpc.loadPackageDefinition(loader.loadSync("kv.proto"));
const [address, key, value, version] = process.argv.slice(2);
const once = { "grpc.enable_retries": 0 }; // it, too, would try again
const store = new kv.KV(address, grpc.credentials.createInsecure(), once);
const deadline = Date.now() + 1000; // ms

store.put({ key, value, version }, { deadline }, (error) => {
  const definite = error && DEFINITE.includes(grpc.status[error.code]);
  if (!error) console.log("done");
  else if (definite) console.log("not done:", error.details);
  else console.log("may have been done:", error.details);
  store.close();
});
