using Relay.Local;
using Relay.Protocol.Envelopes;
using Relay.Testing;

namespace Relay.IntegrationTests;

/// <summary>One stack for all tests that leave it as they found it.</summary>
[CollectionDefinition(SharedStack.Collection)]
public sealed class SharedStackCollection : ICollectionFixture<SharedStack>;

/// <summary>A stack on which each test has a negotiation of its own.</summary>
public sealed class SharedStack : CommandStack
{
    /// <summary>Of the tests that share one.</summary>
    public const string Collection = "shared stack";

    private int _negotiations;

    /// <summary>Puts a new negotiation between <c>us</c> and <c>iran</c> in its directory.</summary>
    /// <returns>Its name.</returns>
    internal string Open()
    {
        var name = $"talks-{++_negotiations}";
        LocalDirectory.PutCopy(State, "doha-2026", name, [("us", ["iran"]), ("iran", ["us"])]);
        Directory.CreateDirectory(PathOf(name));
        return name;
    }
}

/// <summary>
/// A test in a negotiation of its own, in which nothing has been said yet, on the shared stack. It listens to all that it submits:
/// a delegation has one inbox for all its negotiations.
/// </summary>
public abstract class SharedStackTest(SharedStack stack)
{
    /// <summary>Of this test.</summary>
    private protected string Negotiation { get; } = stack.Open();

    private protected string State => stack.State;

    private protected string PathOf(string file) => stack.PathOf(Path.Combine(Negotiation, file));

    private protected Task SignAsync(string file, string text, string lane) =>
        SucceedAsync("sign", "--from", "us", "--to", "iran", "--text", text, "--lane", lane, "--out", PathOf(file));

    private protected Task<Envelope> EnvelopeOfAsync(string file) => stack.EnvelopeOfAsync(Path.Combine(Negotiation, file));

    private protected Task<string> SucceedAsync(params string[] args) => stack.SucceedAsync(Here(args));

    private protected Task<string> SucceedApartAsync(params string[] args) => stack.SucceedApartAsync(Here(args));

    private protected Task<(int Code, string Output, string Errors)> RunAsync(params string[] args) => stack.RunAsync(Here(args));

    private protected Task<(int Code, string Output, string Errors)> RunApartAsync(params string[] args) => stack.RunApartAsync(Here(args));

    private protected Task<HttpResponseMessage> PostAsync(byte[] body, bool expectContinue = false) =>
        stack.PostAsync(body, expectContinue);

    /// <summary>The sender's status once it says so: the relay takes what was handed over in its own time.</summary>
    private protected async Task<string> StatusAsync(string said)
    {
        for (var started = TimeProvider.System.GetTimestamp(); ;)
        {
            var (_, status, errors) = await RunApartAsync("status", "us", "--grace", "0s");
            if (status.Contains(said, StringComparison.Ordinal)) return status;
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TestDeadline.Default, $"Never said: {said}\n{status}{errors}");
        }
    }

    // An envelope says itself of which negotiation it is, and evidence does.
    private string[] Here(string[] args) => args[0] is "submit" or "verify" ? args : [.. args, "--negotiation", Negotiation];
}
