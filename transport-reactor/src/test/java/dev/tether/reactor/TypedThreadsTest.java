package dev.tether.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tether.reactor.codec.Codec;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Codecs on real threads. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class TypedThreadsTest {

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int MESSAGES = 500;

    private final Scheduler publisher = Schedulers.newSingle("publisher");
    private final Queue<String> received = new ConcurrentLinkedQueue<>();
    private final ThreadsOfStrings codec = new ThreadsOfStrings();
    private final TransportNode server = ReactiveTransport.create()
            .host("127.0.0.1")
            .handle(peer -> peer.receive()
                    .take(1)
                    .map(first -> Thread.currentThread())
                    .doOnNext(codec.loops::add)
                    .thenMany(peer.as(codec).receive(String.class))
                    .doOnNext(received::add)
                    .then())
            .bindNow();
    private final TransportNode client =
            ReactiveTransport.create().host("127.0.0.1").bindNow();

    @AfterEach
    void close() {
        client.closeNow(LIMIT);
        server.closeNow(LIMIT);
        publisher.dispose();
    }

    @Test
    void aCodecEncodesOnTheThreadOfThePublisherAndDecodesOnTheEventLoop() {
        TypedConnection typed = client.connect(server.addressAs("127.0.0.1"))
                .blockOptional(LIMIT)
                .orElseThrow()
                .as(codec);
        typed.connection().sendString(Mono.just("the first")).block(LIMIT);
        typed.send(Flux.range(0, MESSAGES).map(i -> "message " + i).publishOn(publisher))
                .block(LIMIT);
        typed.connection().close().block(LIMIT);
        server.closeNow(LIMIT);

        assertThat(received).hasSize(MESSAGES).startsWith("message 0");
        assertThat(codec.encoders)
                .singleElement()
                .satisfies(thread -> assertThat(thread.getName()).startsWith("publisher"));
        assertThat(codec.decoders).hasSize(1).isEqualTo(codec.loops);
    }

    private static final class ThreadsOfStrings implements Codec {

        private final Set<Thread> encoders = ConcurrentHashMap.newKeySet();
        private final Set<Thread> decoders = ConcurrentHashMap.newKeySet();
        private final Set<Thread> loops = ConcurrentHashMap.newKeySet();

        @Override
        public void encode(Object value, ByteBuf target) throws Exception {
            encoders.add(Thread.currentThread());
            Codec.strings().encode(value, target);
        }

        @Override
        public <T> T decode(ByteBuf message, Class<T> type) throws Exception {
            decoders.add(Thread.currentThread());
            return Codec.strings().decode(message, type);
        }
    }
}
