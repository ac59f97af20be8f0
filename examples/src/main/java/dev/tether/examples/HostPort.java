package dev.tether.examples;

import dev.tether.core.PeerAddress;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;

/** Where somebody is, in one word: {@code 192.0.2.1:4433}, {@code [2001:db8::1]:4433}. */
final class HostPort {

    private HostPort() {}

    /** A resolved address. */
    static String text(InetSocketAddress address) {
        return NetUtil.toSocketAddressString(address);
    }

    /** The host and the port of {@code address}, which must have them. */
    static String text(PeerAddress address) {
        String text = address.toString();
        return Printable.of(text.substring(text.indexOf('@') + 1));
    }
}
