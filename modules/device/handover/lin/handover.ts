/** On Linux nothing comes in between: the SDK's sockets are read by the task of XS. */
export const handover = Object.freeze({ hold() {} });
