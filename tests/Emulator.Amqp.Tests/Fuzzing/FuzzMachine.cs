using Emulator.Amqp.State;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>A server's connection without a transport: bytes in, frames out.</summary>
internal sealed class FuzzMachine
{
    private byte[] _unread = [];

    public FuzzMachine(IConnectionHandler handler) =>
        Connection = new AmqpConnection(Options, isServer: true, "peer") { Handler = handler };

    /// <summary>Small limits, so that a short conversation meets them.</summary>
    public static AmqpConnectionOptions Options { get; } = new()
    {
        ContainerId = "fuzzed",
        ChannelMax = PeerModel.ChannelMax,
        HandleMax = PeerModel.HandleMax,
        MaxFrameSize = 4096,
        IncomingWindow = 16,
        MaxMessageSize = PeerModel.MaxMessageSize,
        MaxUnsettledDeliveries = PeerModel.MaxUnsettled,
        OutputHighWaterBytes = 8192,
    };

    public AmqpConnection Connection { get; }

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        byte[] all = [.. _unread, .. bytes];
        _unread = all[Connection.Dispatcher.Receive(all)..];
    }

    /// <summary>What it wrote, and goes on writing once that is gone.</summary>
    public List<WireFrame> Take()
    {
        var frames = new List<WireFrame>();
        while (true)
        {
            var taken = new AmqpWriter();
            lock (Connection.Gate)
            {
                if (!Connection.Output.TryTake(ref taken))
                {
                    return frames;
                }
            }

            frames.AddRange(WireFrame.ReadAll(taken.WrittenSpan));
            taken.Dispose();
            Connection.ContinueOutgoing();
            Connection.NotifyBlocked();
        }
    }
}
