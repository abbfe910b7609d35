/** `embedded:provider/builtin`, which the SDK wants of each target. The firmware opens its pins by number. */
import Digital from "embedded:io/digital";

export default Object.freeze({ io: { Digital }, pin: { led: 5 } }, true);
