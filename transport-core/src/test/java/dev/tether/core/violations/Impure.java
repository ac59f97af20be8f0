package dev.tether.core.violations;

import dev.tether.core.RandomSource;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Condition;

/** One class for each way to be impure, and some that only look so. */
@SuppressWarnings("unused")
public final class Impure {

    private Impure() {}

    public record ForeignLibrary(Condition<String> condition) {}

    public record NettyExecutor(EventExecutor executor) {}

    public static final class NanoTime {
        long nowNs() {
            return System.nanoTime();
        }
    }

    public static final class CurrentTime {
        long nowMs() {
            return System.currentTimeMillis();
        }
    }

    public static final class InstantNow {
        Instant now() {
            return Instant.now();
        }
    }

    public record HoldsAClock(Clock clock) {}

    public record HoldsADuration(Duration duration, TimeUnit unit) {}

    public static final class StartsAThread {
        void start() {
            new Thread(() -> {}).start();
        }
    }

    public record HoldsAnExecutor(Executor executor) {}

    public record HoldsAThreadLocal(ThreadLocal<String> local) {}

    public static final class MathRandom {
        double draw() {
            return Math.random();
        }
    }

    public static final class ThreadsRandom {
        int draw() {
            return ThreadLocalRandom.current().nextInt();
        }
    }

    public static final class SeededRandom {
        int draw(Random random) {
            return random.nextInt();
        }
    }

    public static final class StrongRandom {
        int generate() {
            return new SecureRandom().nextInt();
        }
    }

    /** The one class that may use the platform's randomness, in the one method that may. */
    public static final class KeyPair {
        RandomSource generate() {
            return new SecureRandom()::nextBytes;
        }
    }

    public static final class OpensASocket {
        void open() throws IOException {
            new DatagramSocket().close();
        }
    }

    public static final class ResolvesAName {
        InetAddress resolve(String name) throws UnknownHostException {
            return InetAddress.getByName(name);
        }
    }

    public static final class ResolvesASocketAddress {
        InetSocketAddress resolve(String name) {
            return new InetSocketAddress(name, 1);
        }
    }

    public record HoldsAnAddress(InetSocketAddress address) {
        InetSocketAddress withPort(int port) {
            return new InetSocketAddress(address.getAddress(), port);
        }

        String host() {
            return address.getHostString();
        }
    }

    public static final class StaticCounter {
        static int count;
    }

    public static final class StaticRegistry {
        static final HashMap<String, String> ENTRIES = new HashMap<>();
    }

    public static final class StaticConstants {
        static final int LENGTH = 3;
        static final List<String> NAMES = List.of("one");
        static final Map<String, Integer> NUMBERS = Map.of("one", 1);
    }
}
