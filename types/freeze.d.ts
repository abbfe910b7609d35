interface ObjectConstructor {
	/**
	 * XS takes `deep`: whatever the value holds is frozen too, so that a preloaded module needs no memory for it (4 bytes for
	 * each thing that could change). Elsewhere the second argument means nothing.
	 */
	freeze<T>(value: T, deep: true): Readonly<T>;
}
