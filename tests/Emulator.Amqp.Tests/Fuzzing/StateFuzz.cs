using System.Text;
using Emulator.Amqp.State;
using Emulator.Amqp.Types;

namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>
/// Conversations between a fuzzed machine and a peer that mostly keeps to the rules; every answer is compared with the model's.
/// </summary>
internal static class StateFuzz
{
    private const int FewestSteps = 10;
    private const int MostSteps = 80;

    // A conversation of 80 frames of at most 1 KiB, a source of 200 messages of 1.5 KiB, and what the checks themselves make.
    private const long MostAllocated = 16 * 1024 * 1024;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(120);

    /// <summary>Many conversations, each with nodes of its own; ends early, saying where, when one does not end.</summary>
    public static async Task<FuzzCoverage> RunAsync(ulong seed, long inputs, Func<IFuzzNodes> nodes, CancellationToken cancellationToken)
    {
        long current = 0;
        var coverage = new FuzzCoverage();
        var running = Task.Run(
            () =>
            {
                for (long input = 0; input < inputs && !cancellationToken.IsCancellationRequested; input++)
                {
                    Volatile.Write(ref current, input);
                    using var behind = nodes();
                    Converse(seed, input, behind, coverage);
                }
            },
            cancellationToken);
        for (long last = -1;
            await Task.WhenAny(running, Task.Delay(Longest, TimeProvider.System, cancellationToken)) != running;
            last = Volatile.Read(ref current))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Assert.True(Volatile.Read(ref current) != last, $"Input {last} of seed {seed} does not end.");
        }

        await running;
        return coverage;
    }

    /// <summary>One conversation.</summary>
    public static void Converse(ulong seed, long input, IFuzzNodes nodes, FuzzCoverage coverage)
    {
        var random = FuzzRandom.For(seed, input);
        var told = new StringBuilder();
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Converse(random, nodes, told, coverage);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= MostAllocated, $"It allocated {allocated} bytes.");
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"Input {input} of seed {seed}:\n{told}{exception.Message}", exception);
        }
    }

    private static void Converse(FuzzRandom random, IFuzzNodes nodes, StringBuilder told, FuzzCoverage coverage)
    {
        var machine = new FuzzMachine(nodes.Handler());
        var model = new PeerModel(nodes);
        var script = new PeerScript(random, model, nodes);
        var steps = FewestSteps + random.Next(MostSteps - FewestSteps);
        if (Greet(random, machine, told))
        {
            // A few frames more after a close, which must mean nothing.
            for (var (step, after) = (0, 0); step < steps && after < 4; step++)
            {
                after += model.IsClosed || model.IsLost ? 1 : 0;
                if (random.OneIn(20) && nodes.AnswerHeld() is { } request)
                {
                    told.Append("accept ").AppendLine(request.Attach.Name);
                    model.Check(machine.Take(), model.Accept(ChannelOf(model, request), request.Attach.Name));
                }

                Step(random, machine, model, script.Next(), script, told, coverage);
            }

            Step(random, machine, model, script.Close(), script, told, coverage);
        }

        machine.Connection.Finish(null);
        nodes.CheckEnded();
        Assert.Equal(0, machine.Connection.UnfinishedBytes);
        Assert.Empty(machine.Connection.Sessions);
    }

    private static void Step(
        FuzzRandom random,
        FuzzMachine machine,
        PeerModel model,
        (byte[] Bytes, List<Answer> Due) step,
        PeerScript script,
        StringBuilder told,
        FuzzCoverage coverage)
    {
        coverage.Frames++;
        coverage.Count(step.Due);
        told.AppendLine(script.Told);
        var cut = random.OneIn(4) ? random.Next(step.Bytes.Length) : 0;
        machine.Feed(step.Bytes.AsSpan(0, cut));
        machine.Feed(step.Bytes.AsSpan(cut));
        model.Check(machine.Take(), step.Due);
    }

    /// <returns>False when the greeting was wrong, and the machine has to be gone.</returns>
    private static bool Greet(FuzzRandom random, FuzzMachine machine, StringBuilder told)
    {
        var sasl = WireFrame.Write(WireFrame.SaslInit, 0, [new AmqpSymbol("ANONYMOUS")], type: 1);
        byte[] wrong = random.Next(200) switch
        {
            0 => [.. "GET / HTTP/1.1\r\n\r\n"u8],
            1 => [.. "AMQP\x00\x00\x09\x01"u8],
            2 => [.. "AMQP\x03\x01\x00\x00"u8, .. WireFrame.Write(WireFrame.SaslInit, 0, [new AmqpSymbol("GSSAPI")], type: 1)],
            3 => [.. "AMQP\x03\x01\x00\x00"u8, .. WireFrame.Write(WireFrame.Open, 0, ["peer"])],
            4 => [.. "AMQP\x03\x01\x00\x00"u8, .. WireFrame.Write(WireFrame.SaslOutcome, 0, [(byte)0], type: 1)],
            5 => [.. "AMQP\x03\x01\x00\x00"u8, .. sasl, .. "AMQP\x03\x01\x00\x00"u8],
            6 => [.. "AMQP\x03\x01\x00\x00"u8, .. WireFrame.Write(WireFrame.SaslInit, 0, [7], type: 1)],
            _ => [],
        };
        if (wrong.Length > 0)
        {
            told.AppendLine("wrong greeting");
            machine.Feed(wrong);
            Assert.DoesNotContain(machine.Take(), frame => frame.Descriptor < WireFrame.SaslInit - 1);
            Assert.True(machine.Connection.IsFinished, "A wrong greeting was taken.");
            return false;
        }

        machine.Feed(random.OneIn(3) ? "AMQP\x00\x01\x00\x00"u8 : [.. "AMQP\x03\x01\x00\x00"u8, .. sasl, .. "AMQP\x00\x01\x00\x00"u8]);
        machine.Take();
        return true;
    }

    private static ushort ChannelOf(PeerModel model, AttachRequest request) =>
        model.Sessions.Single(pair => pair.Value.Links.Values.Any(link => link.Name == request.Attach.Name)).Key;
}
