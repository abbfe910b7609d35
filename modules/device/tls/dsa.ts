/** In place of the SDK's `dsa`. */
export { default } from "ecdsa";
