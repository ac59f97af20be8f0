package dev.tether.reactor.simulation;

import dev.tether.core.simulation.DropCause;
import dev.tether.core.simulation.Link;
import dev.tether.core.wire.DataHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import reactor.core.Exceptions;

/**
 * What has happened: hashed always, counted, and told to those who want to see it. The bytes of a datagram are hashed when
 * it is sent; on its arrival, only those that name it are, unless it was altered.
 */
final class Trace {

    private final MessageDigest digest;
    private final ByteBuffer fields = ByteBuffer.allocate(64);
    private final Consumer<Throwable> onListenerFailure;
    private final List<Consumer<? super SimulationEvent>> listeners = new ArrayList<>();
    private final Map<DropCause, Long> dropped = new EnumMap<>(DropCause.class);
    private long sent;
    private long sentBytes;
    private long arrived;
    private long altered;

    /** @param onListenerFailure is given what a listener throws, which disturbs nobody else */
    Trace(Consumer<Throwable> onListenerFailure) {
        this.onListenerFailure = onListenerFailure;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    void listen(Consumer<? super SimulationEvent> listener) {
        listeners.add(listener);
    }

    void add(SimulationEvent event) {
        fields.clear();
        fields.putLong(event.timeNs());
        if (event instanceof SimulationEvent.Sent it) {
            sent++;
            sentBytes += it.datagram().length;
            hash(
                    'S',
                    it.from().getPort(),
                    it.to().getPort(),
                    it.from().getAddress().getAddress());
            digest.update(it.to().getAddress().getAddress());
            digest.update(it.datagram());
        } else if (event instanceof SimulationEvent.Arrived it) {
            arrived++;
            altered += it.alteration() == Link.Alteration.NONE ? 0 : 1;
            hash('A', it.from().getPort(), it.to().getPort());
            byte[] datagram = it.datagram();
            boolean known = it.alteration() == Link.Alteration.NONE;
            digest.update(datagram, 0, known ? Math.min(datagram.length, DataHeader.LENGTH) : datagram.length);
        } else if (event instanceof SimulationEvent.Dropped it) {
            dropped.merge(it.cause(), 1L, Long::sum);
            hash(
                    'D',
                    it.cause().ordinal(),
                    it.datagram().length,
                    it.to().getAddress().getAddress());
        } else if (event instanceof SimulationEvent.StateEntered it) {
            hash('C', it.local().getPort(), it.remote().getPort(), it.peer().toBytes());
            digest.update(it.state().toString().getBytes(StandardCharsets.UTF_8));
        } else if (event instanceof SimulationEvent.Ended it) {
            hash('E', it.local().getPort(), it.remote().getPort(), it.peer().toBytes());
            digest.update(String.valueOf(it.failure()).getBytes(StandardCharsets.UTF_8));
        } else if (event instanceof SimulationEvent.Changed it) {
            hash('H', 0, 0, (it.host() + ' ' + it.change()).getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < listeners.size(); i++) {
            try {
                listeners.get(i).accept(event);
            } catch (Throwable failure) {
                Exceptions.throwIfJvmFatal(failure);
                onListenerFailure.accept(failure);
            }
        }
    }

    /** Hashes what comes from outside the simulation. */
    void injected(byte[] datagram) {
        digest.update(datagram);
    }

    private void hash(char kind, int a, int b, byte[] rest) {
        hash(kind, a, b);
        digest.update(rest);
    }

    private void hash(char kind, int a, int b) {
        fields.putChar(kind).putInt(a).putInt(b);
        digest.update(fields.array(), 0, fields.position());
    }

    /** Of everything so far; more may follow. */
    String hash() {
        try {
            return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
        }
    }

    NetworkStatistics statistics() {
        return new NetworkStatistics(
                sent, sentBytes, arrived, altered, Collections.unmodifiableMap(new EnumMap<>(dropped)));
    }
}
