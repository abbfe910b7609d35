/** The memory in which the bench runs the firmware. */

import type { Memory } from "../../simulator/engines/contract.js";

/** A heap in which the whole firmware has room, with garbage collected now and then: pools of a fixed size. */
export const workingMemory: Memory = { chunks: [196_608, 0], slots: [4096, 0], stack: 1024, keys: [64, 32] };
