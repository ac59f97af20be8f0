package dev.tether.reactor.socket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.UnixChannelOption;
import java.net.StandardSocketOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets a channel's options before it is bound. One that the system refuses is left out: each falls back on its own. */
final class SocketTuning {

    private static final Logger log = LoggerFactory.getLogger(SocketTuning.class);

    /**
     * One read takes the largest datagram, or the largest run of them, whole. Netty cannot pair recvmmsg with UDP_GRO
     * safely: it cuts the read buffer into cells of one datagram, into which a run does not fit.
     */
    static final int READ_BUFFER_BYTES = 65_535;

    /** Bounds one pass; Netty counts each datagram of a run, and finishes the run. */
    static final int DATAGRAMS_PER_PASS = 32;

    /** Room for 20 ms at 200 MB/s. The kernel clamps it to net.core.rmem_max and wmem_max. */
    private static final int KERNEL_BUFFER_BYTES = 4 * 1024 * 1024;

    /** linux/in.h and linux/in6.h: always set Don't Fragment, never trust what ICMP said about the path's MTU. */
    private static final int PMTUDISC_PROBE = 3;

    private static final ChannelOption<Integer> IP_MTU_DISCOVER =
            new IntegerUnixChannelOption("IP_MTU_DISCOVER", /* IPPROTO_IP */ 0, 10);
    private static final ChannelOption<Integer> IPV6_MTU_DISCOVER =
            new IntegerUnixChannelOption("IPV6_MTU_DISCOVER", /* IPPROTO_IPV6 */ 41, 23);

    private SocketTuning() {}

    static void apply(Channel channel, UdpSocketOptions options) {
        ChannelConfig config = channel.config();
        config.setAllocator(options.allocator());
        config.setRecvByteBufAllocator(
                new FixedRecvByteBufAllocator(READ_BUFFER_BYTES).maxMessagesPerRead(DATAGRAMS_PER_PASS));
        // OutboundQueue is what bounds; Netty need not tell the pipeline of each 64 KiB.
        config.setWriteBufferWaterMark(new WriteBufferWaterMark(Integer.MAX_VALUE, Integer.MAX_VALUE));
        set(channel, ChannelOption.SO_RCVBUF, KERNEL_BUFFER_BYTES);
        set(channel, ChannelOption.SO_SNDBUF, KERNEL_BUFFER_BYTES);
        if (channel instanceof EpollDatagramChannel) {
            tuneEpoll(channel, options);
        } else if (channel instanceof NioDatagramChannel) {
            tuneNio(channel, options);
        }
    }

    static boolean groActive(Channel channel) {
        return channel instanceof EpollDatagramChannel epoll && epoll.config().isUdpGro();
    }

    static boolean gsoSupported(Channel channel) {
        return channel instanceof EpollDatagramChannel && EpollDatagramChannel.isSegmentedDatagramPacketSupported();
    }

    static String transport(Channel channel) {
        if (channel instanceof EpollDatagramChannel) {
            return "epoll";
        }
        return channel instanceof NioDatagramChannel
                ? "nio"
                : channel.getClass().getSimpleName();
    }

    private static void tuneEpoll(Channel channel, UdpSocketOptions options) {
        set(channel, EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, 0);
        if (options.gro()) {
            set(channel, EpollChannelOption.UDP_GRO, true);
        }
        if (options.reusePort()) {
            set(channel, UnixChannelOption.SO_REUSEPORT, true);
        }
        // A dual-stack socket needs both; an IPv4 one refuses the second.
        set(channel, IP_MTU_DISCOVER, PMTUDISC_PROBE);
        set(channel, IPV6_MTU_DISCOVER, PMTUDISC_PROBE);
    }

    private static void tuneNio(Channel channel, UdpSocketOptions options) {
        if (options.reusePort()) {
            set(channel, NioChannelOption.of(StandardSocketOptions.SO_REUSEPORT), true);
        }
        // jdk.net.ExtendedSocketOptions has it from Java 19 on, so it is only known by its name.
        for (ChannelOption<?> option : channel.config().getOptions().keySet()) {
            if (option.name().endsWith("IP_DONTFRAGMENT")) {
                @SuppressWarnings("unchecked")
                ChannelOption<Boolean> dontFragment = (ChannelOption<Boolean>) option;
                set(channel, dontFragment, true);
            }
        }
    }

    private static <T> void set(Channel channel, ChannelOption<T> option, T value) {
        try {
            if (!channel.config().setOption(option, value)) {
                log.debug("{} does not know the option {}", channel, option);
            }
        } catch (RuntimeException refused) {
            log.debug("{} does without {}={}", channel, option, value, refused);
        }
    }
}
