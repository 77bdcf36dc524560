// A real shop for the connector tests: node shop.js PORT FILE. Its records live in FILE and survive a restart.
process.env.VENDURE_DISABLE_TELEMETRY = "true";
const { bootstrap, dummyPaymentHandler, manualFulfillmentHandler, LogLevel, DefaultLogger } = require("@vendure/core");

const [port, file] = [Number(process.argv[2]), process.argv[3]];

bootstrap({
  apiOptions: { port, hostname: "127.0.0.1", adminApiPath: "admin-api", shopApiPath: "shop-api" },
  authOptions: {
    tokenMethod: ["bearer", "cookie"],
    requireVerification: false,
    cookieOptions: { secret: "only-for-tests" },
    superadminCredentials: { identifier: "superadmin", password: "superadmin" },
  },
  dbConnectionOptions: { type: "sqljs", location: file, autoSave: true, synchronize: true },
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  shippingOptions: { fulfillmentHandlers: [manualFulfillmentHandler] },
  logger: new DefaultLogger({ level: LogLevel.Error, timestamp: false }),
  plugins: [],
}).then(
  () => console.log("READY"),
  (error) => { console.error(error); process.exit(1); },
);
