/*
 * Runs the SDK's Linux build of the firmware (`mc.so`) without a window: `host SECONDS mc.so`. The program ends the run with
 * `screen.postMessage("exit:0")`; 124 says that time is up, 100 + n that XS gave up (5: unhandled exception).
 *
 * cc -O1 -DmxLinux=1 -I$MODDABLE/build/simulators/modules host.c -o host $(pkg-config --cflags --libs glib-2.0) -ldl
 */
#include <dlfcn.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "screen.h"

static GMainLoop *loop;
static int status;
static guint idleTimer;

static void finish(int code)
{
	status = code;
	g_main_loop_quit(loop);
}

static gboolean runIdle(gpointer data)
{
	txScreen *screen = data;
	if (screen->idle)
		(*screen->idle)(screen);
	return G_SOURCE_CONTINUE;
}

static gboolean runTimeout(gpointer data)
{
	(void)data;
	finish(124);
	return G_SOURCE_REMOVE;
}

static void onAbort(txScreen *screen, int code)
{
	(void)screen;
	fprintf(stderr, "XS gave up: %d\n", code);
	finish(100 + code);
}

static void onNothing(txScreen *screen)
{
	(void)screen;
}

static void onPost(txScreen *screen, char *message, int size)
{
	(void)screen;
	if (!size && !strncmp(message, "exit:", 5))
		finish(atoi(message + 5));
}

static void onStop(txScreen *screen)
{
	(void)screen;
	if (idleTimer)
		g_source_remove(idleTimer);
	idleTimer = 0;
}

static void onStart(txScreen *screen, double milliseconds)
{
	if (!idleTimer)
		idleTimer = g_timeout_add((milliseconds > 1) ? (guint)milliseconds : 1, runIdle, screen);
}

int main(int count, char **arguments)
{
	if (count != 3) {
		fprintf(stderr, "usage: host SECONDS mc.so\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* The SDK writes to sockets that the other side has closed. */
	signal(SIGPIPE, SIG_IGN);
	void *library = dlopen(arguments[2], RTLD_NOW);
	if (!library) {
		fprintf(stderr, "%s\n", dlerror());
		return 2;
	}
	txScreenLaunchProc launch = (txScreenLaunchProc)dlsym(library, "fxScreenLaunch");
	txScreen *screen = calloc(1, sizeof(txScreen) + screenBytesPerPixel);
	if (!launch || !screen)
		return 2;
	screen->abort = onAbort;
	screen->bufferChanged = onNothing;
	screen->formatChanged = onNothing;
	screen->post = onPost;
	screen->start = onStart;
	screen->stop = onStop;
	screen->width = screen->height = 1;
	mxCreateMutex(&screen->workersMutex);
	loop = g_main_loop_new(NULL, FALSE);
	g_timeout_add((guint)(atof(arguments[1]) * 1000), runTimeout, NULL);
	(*launch)(screen);
	if (!status)
		g_main_loop_run(loop);
	return status;
}
