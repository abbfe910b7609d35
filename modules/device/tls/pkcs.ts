/** In place of the SDK's `pkcs1_5`. */
export { default } from "ecdsa";
