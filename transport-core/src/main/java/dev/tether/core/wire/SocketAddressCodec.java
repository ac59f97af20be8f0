package dev.tether.core.wire;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** An IP address and a port as 4 or 16 bytes and 2 bytes. docs/PROTOCOL.md, "Addresses and ports". */
public final class SocketAddressCodec {

    /** How many bytes an IPv6 address and a port have. */
    public static final int MAX_LENGTH = 16 + Short.BYTES;

    private SocketAddressCodec() {}

    /** How many bytes {@link #write} writes: 6 or 18. */
    public static int length(InetSocketAddress address) {
        return address.getAddress().getAddress().length + Short.BYTES;
    }

    /** Writes a resolved address. */
    public static void write(WireWriter out, InetSocketAddress address) {
        out.writeBytes(address.getAddress().getAddress()).writeShort(address.getPort());
    }

    /**
     * Reads an address that takes {@code length} bytes. An IPv6 address that stands for an IPv4 one (::ffff:a.b.c.d) appears as
     * the latter.
     *
     * @throws WireFormatException if no address has so many bytes, or fewer are left
     */
    public static InetSocketAddress read(WireReader in, int length) throws WireFormatException {
        int addressLength = length - Short.BYTES;
        if (addressLength != 4 && addressLength != 16) {
            throw new WireFormatException("an address and port of " + length + " bytes, not 6 or 18");
        }
        byte[] address = in.readBytes(addressLength);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), in.readShort());
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of " + addressLength + " bytes", e);
        }
    }
}
