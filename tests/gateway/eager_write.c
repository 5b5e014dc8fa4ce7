/* SPDX-License-Identifier: MIT */
/*
 * eager_write - libmosquitto as it is from 2.0.12 on, whichever version is here: during a TLS
 * handshake it wants to write although it is the other side's turn
 */
#include <mosquitto.h>

bool mosquitto_want_write(struct mosquitto *mosquitto)
{
	return mosquitto_socket(mosquitto) >= 0;
}
