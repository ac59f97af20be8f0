package dev.tether.core.simulation;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A network address translator with one outside address (RFC 4787). It rewrites addresses; its caller carries the datagrams.
 * It has no port preservation: a new mapping gets a random port that no other has, so there are at most 64,512 of them.
 * Not thread-safe; the times that it is told never go back.
 */
public final class Nat {

    private static final int MIN_PORT = 1024;
    private static final int MAX_PORT = 65_535;
    private static final int PORTS = MAX_PORT - MIN_PORT + 1;

    /**
     * What becomes of a datagram from the outside: exactly one of both is there.
     *
     * @param inside who gets it
     * @param drop why nobody does
     */
    public record Inbound(
            @Nullable InetSocketAddress inside, @Nullable DropCause drop) {

        private static final Inbound FILTERED = new Inbound(null, DropCause.NAT_FILTERED);
        private static final Inbound NO_MAPPING = new Inbound(null, DropCause.NO_NAT_MAPPING);
    }

    /** What a mapping is for; without a remote address, it is for all of them. */
    private record Key(InetSocketAddress inside, @Nullable InetSocketAddress remote) {}

    private final InetAddress outside;
    private final SeededRandom random;

    /** The one refreshed longest ago first. */
    private final Map<Key, NatMapping> mappings = new LinkedHashMap<>(16, 0.75f, true);

    private final IntObjectMap<NatMapping> byPort = new IntObjectHashMap<>();

    /** The ports that {@link #rebind} has taken away from an inside address. */
    private final Map<InetSocketAddress, BitSet> lostPorts = new HashMap<>();

    private NatSettings settings;
    private long timeoutNs;

    /** A translator without mappings. */
    public Nat(NatSettings settings, InetAddress outside, SeededRandom random) {
        this.settings = settings;
        this.outside = outside;
        this.random = random;
        this.timeoutNs = settings.mappingTimeout().toNanos();
    }

    /** The address that the hosts behind the translator have outside. */
    public InetAddress outside() {
        return outside;
    }

    /** The present settings. */
    public NatSettings settings() {
        return settings;
    }

    /**
     * Changes the settings. The timeout, the filtering and hairpinning hold at once. Mappings stay; with another mapping
     * behaviour the next datagram outwards makes a new one, and the old one lasts until it times out.
     */
    public void change(NatSettings settings) {
        this.settings = settings;
        timeoutNs = settings.mappingTimeout().toNanos();
    }

    /**
     * Translates the source of an outgoing datagram, and makes its mapping or refreshes it (RFC 4787, section 4.1 and REQ-6).
     *
     * @param inside the source behind the translator; resolved
     * @param remote the destination; resolved
     * @return the source that the destination sees, or null if there is no mapping and all ports are taken
     */
    public @Nullable InetSocketAddress outbound(InetSocketAddress inside, InetSocketAddress remote, long nowNs) {
        dropExpired(nowNs);
        Key key = new Key(inside, settings.mapping() == NatSettings.Mapping.ADDRESS_AND_PORT_DEPENDENT ? remote : null);
        NatMapping mapping = mappings.get(key);
        if (mapping == null) {
            if (byPort.size() == PORTS) {
                return null;
            }
            mapping = new NatMapping(inside, new InetSocketAddress(outside, freePort(inside)));
            mappings.put(key, mapping);
            byPort.put(mapping.outside().getPort(), mapping);
        }
        mapping.onOutbound(remote, nowNs, timeoutNs);
        return mapping.outside();
    }

    /**
     * Who gets a datagram from outside (RFC 4787, section 5). It doesn't refresh the mapping.
     *
     * <p>A datagram of a host behind this translator to another one is translated by {@link #outbound} first, so that it
     * comes from {@link #outside()}; without hairpinning it is filtered (RFC 4787, section 6).
     *
     * @param remote the source; resolved
     * @param outsidePort the port at {@link #outside()} that it was sent to
     */
    public Inbound inbound(InetSocketAddress remote, int outsidePort, long nowNs) {
        dropExpired(nowNs);
        NatMapping mapping = byPort.get(outsidePort);
        if (mapping == null) {
            return Inbound.NO_MAPPING;
        }
        boolean hairpinned = outside.equals(remote.getAddress());
        if (hairpinned && !settings.hairpin() || !mapping.letsIn(remote, settings.filtering(), nowNs, timeoutNs)) {
            return Inbound.FILTERED;
        }
        return new Inbound(mapping.inside(), null);
    }

    /** The inside address that has this outside port now, whomever it lets in; null if none. */
    public @Nullable InetSocketAddress owner(int outsidePort, long nowNs) {
        dropExpired(nowNs);
        NatMapping mapping = byPort.get(outsidePort);
        return mapping == null ? null : mapping.inside();
    }

    /**
     * Forgets all mappings, as a reboot of the translator does. An inside address doesn't get a port again that it has lost
     * this way, as long as another one is free.
     */
    public void rebind() {
        for (NatMapping mapping : mappings.values()) {
            lostPorts
                    .computeIfAbsent(mapping.inside(), inside -> new BitSet())
                    .set(mapping.outside().getPort());
        }
        mappings.clear();
        byPort.clear();
    }

    /** How many mappings there were at the latest time that the translator was told. */
    public int mappings() {
        return mappings.size();
    }

    private void dropExpired(long nowNs) {
        Iterator<NatMapping> oldestFirst = mappings.values().iterator();
        while (oldestFirst.hasNext()) {
            NatMapping mapping = oldestFirst.next();
            if (!mapping.isExpired(nowNs, timeoutNs)) {
                return;
            }
            oldestFirst.remove();
            byPort.remove(mapping.outside().getPort());
        }
    }

    /** A random port or the next free one above it, not a lost one unless only those are free; there is a free one. */
    private int freePort(InetSocketAddress inside) {
        BitSet lost = lostPorts.get(inside);
        int start = random.nextInt(PORTS);
        int lostButFree = 0;
        for (int i = 0; i < PORTS; i++) {
            int port = MIN_PORT + (start + i) % PORTS;
            if (byPort.containsKey(port)) {
                continue;
            }
            if (lost == null || !lost.get(port)) {
                return port;
            }
            lostButFree = port;
        }
        return lostButFree;
    }
}
