namespace Emulator.Amqp.Tests.Fuzzing;

/// <summary>What a run of conversations came by. One that never meets a rule does not test it.</summary>
internal sealed class FuzzCoverage
{
    // Every way the model ends something, and the orderly ones.
    private static readonly string[] Expected =
    [
        "open", "begin", "attach", "detach", "end", "close",
        "detach amqp:illegal-state",
        "detach amqp:invalid-field",
        "detach amqp:link:transfer-limit-exceeded",
        "detach amqp:link:message-size-exceeded",
        "detach amqp:not-found",
        "end amqp:session:handle-in-use", "end amqp:session:unattached-handle", "end amqp:invalid-field",
        "close amqp:connection:framing-error",
        "close amqp:decode-error",
        "close amqp:illegal-state",
        "close amqp:not-allowed",
        "close amqp:invalid-field",
    ];

    private readonly Dictionary<string, long> _answers = [];

    public long Frames { get; set; }

    public void Count(List<Answer> due)
    {
        foreach (var answer in due)
        {
            foreach (var condition in answer.Conditions ?? [""])
            {
                var name = $"{Name(answer.Descriptor)} {condition}".TrimEnd();
                _answers[name] = _answers.GetValueOrDefault(name) + 1;
            }
        }
    }

    /// <param name="unreachable">What the nodes of the run never give occasion for.</param>
    public void CheckComplete(params string[] unreachable) => Assert.Empty(Expected.Except(unreachable).Except(_answers.Keys));

    public override string ToString() =>
        $"{Frames} frames; due were {string.Join(", ", _answers.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}: {pair.Value}"))}";

    private static string Name(ulong descriptor) => descriptor switch
    {
        WireFrame.Open => "open",
        WireFrame.Begin => "begin",
        WireFrame.Attach => "attach",
        WireFrame.Detach => "detach",
        WireFrame.End => "end",
        _ => "close",
    };
}
