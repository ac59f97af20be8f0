package dev.tether.reactor.simulation;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One address space: the internet, or what is behind a NAT. */
final class Realm {

    /** RFC 2544: a network for benchmarks, 198.18.0.0/15. Stands for the internet. */
    private static final int INTERNET = 198 << 24 | 18 << 16;

    /** RFC 1918: 192.168.0.0/16, of which each level of NATs has 4096 addresses. Behind NATs of one level they repeat. */
    private static final int PRIVATE = 192 << 24 | 168 << 16;

    private final @Nullable SimulatedNat nat;
    private final int base;
    private final Map<InetAddress, Attachment> attachments = new HashMap<>();
    private int allocated;

    private Realm(@Nullable SimulatedNat nat, int base) {
        this.nat = nat;
        this.base = base;
    }

    static Realm internet() {
        return new Realm(null, INTERNET);
    }

    static Realm behind(SimulatedNat nat, int depth) {
        return new Realm(nat, PRIVATE | depth << 12);
    }

    /** Something with an address in a realm. */
    sealed interface Attachment permits SimulatedHost, SimulatedNat {
        String name();
    }

    /** The way out; null for the internet. */
    @Nullable
    SimulatedNat nat() {
        return nat;
    }

    @Nullable
    Attachment at(InetAddress address) {
        return attachments.get(address);
    }

    /** @throws IllegalArgumentException if the address is taken */
    void attach(InetAddress address, Attachment attachment) {
        requireFree(address, attachment);
        attachments.put(address, attachment);
    }

    /** @throws IllegalArgumentException if the address belongs to somebody else than {@code attachment} */
    void requireFree(InetAddress address, Attachment attachment) {
        Attachment other = attachments.get(address);
        if (other != null && other != attachment) {
            throw new IllegalArgumentException(
                    address.getHostAddress() + " is the address of " + other.name() + " already");
        }
    }

    void detach(InetAddress address) {
        attachments.remove(address);
    }

    InetAddress nextAddress() {
        InetAddress next;
        do {
            int value = base + ++allocated;
            try {
                next = InetAddress.getByAddress(
                        new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value});
            } catch (UnknownHostException e) {
                throw new IllegalStateException("four bytes are an IPv4 address", e);
            }
        } while (attachments.containsKey(next));
        return next;
    }
}
