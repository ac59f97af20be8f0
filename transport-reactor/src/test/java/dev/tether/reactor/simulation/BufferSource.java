package dev.tether.reactor.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * A publisher of buffers, for one subscriber, that tells of each whether it was given, and given back. It gives as many as it
 * is asked for, and stays open after the last one unless it is told to end. All buffers are made at the start, as an
 * allocator may use a released one again, which would then seem not to be released.
 */
final class BufferSource implements Publisher<ByteBuf>, Subscription {

    private final List<ByteBuf> buffers = new ArrayList<>();
    private final List<byte[]> contents = new ArrayList<>();

    /** For each buffer, what it is made of. */
    private final List<List<ByteBuf>> behind = new ArrayList<>();

    private final BitSet releasedTooEarly = new BitSet();

    private @Nullable Subscriber<? super ByteBuf> subscriber;
    private @Nullable Throwable failure;
    private boolean completes;
    private boolean cancelled;
    private boolean emitting;
    private long requested;
    private int given;

    private BufferSource() {}

    /** Buffers of these sizes, in bytes. */
    static BufferSource of(BufferKind kind, int... sizes) {
        BufferSource source = new BufferSource();
        for (int size : sizes) {
            byte[] content = new byte[size];
            new SplittableRandom(source.buffers.size()).nextBytes(content);
            List<ByteBuf> parts = new ArrayList<>();
            source.buffers.add(kind.make(content, parts));
            source.contents.add(content);
            source.behind.add(parts);
        }
        return source;
    }

    /** Many, below and above the size from which the transport keeps a buffer instead of copying it, of all kinds. */
    static BufferSource ofMany(int count) {
        BufferSource source = new BufferSource();
        for (int i = 0; i < count; i++) {
            BufferSource one = of(BufferKind.values()[i % BufferKind.values().length], i % 3 == 0 ? 1_000 : 10_000 + i);
            source.buffers.addAll(one.buffers);
            source.contents.addAll(one.contents);
            source.behind.addAll(one.behind);
        }
        return source;
    }

    /** It completes after its last buffer. */
    BufferSource completing() {
        completes = true;
        return this;
    }

    /** It fails after its last buffer. */
    BufferSource failing(Throwable failure) {
        this.failure = failure;
        return this;
    }

    /** It gives nothing more, whatever it is asked for, but what {@link #giveUnasked} gives. */
    BufferSource holdingBack() {
        emitting = true;
        return this;
    }

    /** The application has released this buffer though it is still to be given. */
    void releaseTooEarly(int index) {
        buffers.get(index).release();
        releasedTooEarly.set(index);
    }

    /** Gives the next buffer, though nobody has asked for it, or has ended it before. */
    void giveUnasked() {
        Objects.requireNonNull(subscriber).onNext(buffers.get(given++));
    }

    void giveNull() {
        // What Reactive Streams §2.13 has the subscriber refuse.
        Subscriber<? super ByteBuf> target = Objects.requireNonNull(subscriber);
        ByteBuf[] none = new ByteBuf[1];
        target.onNext(none[0]);
    }

    @Override
    public void subscribe(Subscriber<? super ByteBuf> to) {
        assertThat(subscriber).as("it is for one subscriber").isNull();
        subscriber = to;
        to.onSubscribe(this);
    }

    @Override
    public void request(long n) {
        requested = requested + n < 0 ? Long.MAX_VALUE : requested + n;
        emit();
    }

    @Override
    public void cancel() {
        cancelled = true;
    }

    private void emit() {
        Subscriber<? super ByteBuf> to = Objects.requireNonNull(subscriber);
        if (emitting) {
            return;
        }
        emitting = true;
        while (given < buffers.size() && requested > 0 && !cancelled) {
            requested--;
            to.onNext(buffers.get(given++));
        }
        emitting = false;
        if (given == buffers.size() && !cancelled) {
            emitting = failure != null || completes;
            if (failure != null) {
                to.onError(failure);
            } else if (completes) {
                to.onComplete();
            }
        }
    }

    boolean isSubscribed() {
        return subscriber != null;
    }

    boolean isCancelled() {
        return cancelled;
    }

    int given() {
        return given;
    }

    int size() {
        return buffers.size();
    }

    /** How many were given and have not been given back. */
    int held() {
        int held = 0;
        for (int i = 0; i < given; i++) {
            held += buffers.get(i).refCnt() > 0 ? 1 : 0;
        }
        return held;
    }

    int references(int index) {
        return buffers.get(index).refCnt();
    }

    List<byte[]> contents(int count) {
        return contents.subList(0, count);
    }

    List<byte[]> contents() {
        return contents;
    }

    /** What was given was released, once, with all that it is made of; and nothing else was. */
    void assertGivenBack(Object what) {
        for (int i = 0; i < buffers.size(); i++) {
            int index = i;
            int expected = i < given || releasedTooEarly.get(i) ? 0 : 1;
            assertThat(buffers.get(i).refCnt())
                    .as("references to number %d, %d were given, %s", i, given, what)
                    .isEqualTo(expected);
            assertThat(behind.get(i))
                    .allSatisfy(part -> assertThat(part.refCnt())
                            .as("references to what number %d is made of, %d were given, %s", index, given, what)
                            .isEqualTo(expected));
        }
    }

    /** The test is over: what was never given is its own. */
    void releaseRest() {
        for (int i = given; i < buffers.size(); i++) {
            if (!releasedTooEarly.get(i)) {
                buffers.get(i).release();
            }
        }
    }

    /** All that was received, as one. */
    static byte[] joined(List<byte[]> parts) {
        int length = parts.stream().mapToInt(part -> part.length).sum();
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }

    static boolean isPrefix(byte[] prefix, byte[] of) {
        return prefix.length <= of.length && Arrays.equals(prefix, 0, prefix.length, of, 0, prefix.length);
    }
}
