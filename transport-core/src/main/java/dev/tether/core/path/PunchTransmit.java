package dev.tether.core.path;

import java.net.InetSocketAddress;

/**
 * A punch that is to be sent now.
 *
 * @param to where
 * @param datagram its bytes; the receiver's to keep
 */
public record PunchTransmit(InetSocketAddress to, byte[] datagram) {}
