/*
	Preloading: the device's linker runs the modules on the computer and puts the machine that results in flash. Here they run
	in a root machine, which is then shared and cloned as the device does it. Like the linker, this makes functions, their
	prototypes, Map, Set, WeakMap, WeakSet, ArrayBuffer and private static fields immutable, so that XS refuses to write them;
	other objects and module variables are copied to RAM when they are written.
*/
#include "host.h"

extern void guardRoot(txMachine* the);

static void freezeInstance(txSlot* instance)
{
	txSlot* property;
	for (property = instance->next; property; property = property->next) {
		if (property->kind != XS_ACCESSOR_KIND)
			property->flag |= XS_DONT_SET_FLAG;
		property->flag |= XS_DONT_DELETE_FLAG;
		if (property->kind == XS_PRIVATE_KIND) {
			txSlot* slot;
			for (slot = property->value.private.first; slot; slot = slot->next) {
				if (slot->kind != XS_ACCESSOR_KIND)
					slot->flag |= XS_DONT_SET_FLAG;
				slot->flag |= XS_DONT_DELETE_FLAG;
			}
		}
	}
	instance->flag |= XS_DONT_PATCH_FLAG;
}

static void freezeFunction(txSlot* function)
{
	txSlot* property;
	for (property = function->next; property; property = property->next) {
		if ((property->ID == mxID(_prototype)) && (property->kind == XS_REFERENCE_KIND))
			freezeInstance(property->value.reference);
	}
	freezeInstance(function);
}

static void freezeSlot(txSlot* slot)
{
	switch (slot->kind) {
	case XS_INSTANCE_KIND:
		if (mxIsFunction(slot))
			freezeFunction(slot);
		break;
	case XS_ARRAY_BUFFER_KIND:
	case XS_MAP_KIND:
	case XS_SET_KIND:
	case XS_WEAK_MAP_KIND:
	case XS_WEAK_SET_KIND:
		slot->flag |= XS_DONT_SET_FLAG;
		break;
	}
}

/* Kinds whose chunks the clone's garbage collector leaves alone. */
static void fixSlot(txSlot* slot)
{
	txSlot* item;
	txIndex count;
	switch (slot->kind) {
	case XS_STRING_KIND: slot->kind = XS_STRING_X_KIND; break;
	case XS_BIGINT_KIND: slot->kind = XS_BIGINT_X_KIND; break;
	case XS_CODE_KIND: slot->kind = XS_CODE_X_KIND; break;
	case XS_KEY_KIND: slot->kind = XS_KEY_X_KIND; break;
	case XS_CALLBACK_KIND: slot->kind = XS_CALLBACK_X_KIND; break;
	case XS_ARRAY_KIND:
		item = slot->value.array.address;
		count = item ? fxGetIndexSize(NULL, slot) : 0;
		while (count--) {
			fixSlot(item);
			item->flag |= XS_MARK_FLAG;
			item++;
		}
		break;
	}
}

static void forEachSlot(txMachine* the, void (*visit)(txSlot*))
{
	txSlot* heap;
	for (heap = the->firstHeap; heap; heap = heap->next) {
		txSlot* slot;
		for (slot = heap + 1; slot < heap->value.reference; slot++)
			(*visit)(slot);
	}
}

/* The device's global object has no cache in front of its properties. */
static void removeGlobalCache(txMachine* the)
{
	txSlot* global = mxGlobal.value.reference;
	if (global->next->kind == XS_GLOBAL_KIND) {
		global->next = global->next->next;
		global->flag &= ~XS_EXOTIC_FLAG;
	}
}

txMachine* cloneFromFlash(txMachine* the, txCreation* creation)
{
	txMachine* clone;
	txSlot* slot;
	removeGlobalCache(the);
	forEachSlot(the, freezeSlot);
	fxShareMachine(the);
	forEachSlot(the, fixSlot);
	for (slot = the->stack; slot < the->stackTop; slot++)
		fixSlot(slot);
	endRoot();
	creation->nameModulo = the->nameModulo;
	creation->symbolModulo = the->symbolModulo;
	clone = fxCloneMachine(creation, the, "device", NULL);
	if (clone)
		guardRoot(clone);
	return clone;
}
