/**
 * The engine of one connection: a single-threaded state machine that owns no clock, socket or thread. Inputs are
 * {@code handle*} methods and commands, outputs are {@code poll*} methods: mutate, then drain.
 *
 * <p>How a datagram comes in: UDP {@code Flux} → admission filter → group by remote address → per-connection sink →
 * {@code ConnectionDriver} → {@link dev.tether.core.connection.Connection#handleDatagram Connection.handleDatagram} →
 * {@code PacketReceiver} (header → open → replay window → frames) → {@code StreamFrames} → {@code Reassembler} →
 * {@link dev.tether.core.connection.ConnectionEvent ConnectionEvent} → {@code StreamSet} → {@code PeerConnection.receive()}
 *
 * <p>How a message goes out: {@code send(Publisher)} → {@code SendStream} →
 * {@link dev.tether.core.connection.Connection#pollTransmit Connection.pollTransmit} → {@code PacketAssembler}
 * (scheduler, credit, congestion window, pacer → frames → seal → sent-packet ledger) →
 * {@link dev.tether.core.connection.Transmit Transmit} → outbound queue → socket
 *
 * <p>Unreliable datagrams go the same ways, with {@code OutgoingDatagrams} and {@code IncomingDatagrams} in the place of
 * the streams.
 */
@NullMarked
package dev.tether.core.connection;

import org.jspecify.annotations.NullMarked;
