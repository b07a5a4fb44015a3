using System.Diagnostics.Metrics;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Relay.Core.Tests;
using Relay.Functions.Callers;
using Relay.Functions.Operations;
using Relay.Functions.Tests.Http;
using Relay.Functions.Tests.Reading;

namespace Relay.Functions.Tests.Middleware;

public sealed class CallerMiddlewareTests : IAsyncDisposable
{
    private const string Name = TestNegotiation.Name;

    private readonly ReadingFixture _fixture = new();
    private bool _reached;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public void Functions_OfTheApp_DeclareWhoMayCallThem()
    {
        Assert.Equal(
            AppUnderTest.Functions.Select(function => function.Name).Order(StringComparer.Ordinal),
            HttpFunctions.All.Select(function => function.Name).Order(StringComparer.Ordinal));
        foreach (var function in HttpFunctions.All)
        {
            Assert.True(function.Operations.Count > 0, $"{function.Name} declares no [Operation]: nobody can call it");
            Assert.Equal(function.Operations.Count, function.Operations.Select(operation => operation.Method).Distinct().Count());
            foreach (var operation in function.Operations)
            {
                Assert.Contains(operation.Method, new[] { "GET", "POST", "PUT" });
                Assert.NotEqual(CallerKind.Nobody, operation.Callers);
                // Anybody and somebody at once is a slip.
                if (operation.Callers.HasFlag(CallerKind.Anyone)) Assert.Equal(CallerKind.Anyone, operation.Callers);
                if (operation.Callers.HasFlag(CallerKind.Member))
                {
                    Assert.Contains("{negotiation}", function.Route, StringComparison.Ordinal);
                }
            }
        }
    }

    [Theory]
    [InlineData("NoSuchFunction", "any unknown by nobody: undeclared ")]
    public async Task Call_OfAFunctionThatDeclaresNothing_IsRefusedAndSaidLoudly(string function, string line)
    {
        Assert.Equal("403 urn:relay:undeclared", await CallAsync(ReadingFixture.Request(_fixture.Operator), function, Name));
        Assert.False(_reached);
        Assert.Equal([(LogLevel.Error, "Call " + line)], _fixture.Decisions.Lines);
    }

    [Fact]
    public async Task Call_OfAnHttpFunctionWithoutARequest_IsNotMade()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _fixture.Gate.Invoke(
            new FakeFunctionContext(name: "ReadCheckpoint"), Reach));
        Assert.False(_reached);
    }

    [Fact]
    public async Task Trigger_ThatIsNotHttp_Passes()
    {
        await _fixture.Gate.Invoke(new FakeFunctionContext(name: nameof(RelayEnvelope)), Reach);
        Assert.True(_reached);
        Assert.Empty(_fixture.Decisions.Lines);
    }

    [Fact]
    public async Task Call_WhoseNegotiationTheHostDoesNotSay_IsRefused()
    {
        Assert.Equal(
            "404 urn:relay:negotiation-not-found", await CallAsync(ReadingFixture.Request(_fixture.Certificate), "ReadCheckpoint", null));
        Assert.False(_reached);
    }

    [Fact]
    public async Task Decision_OfEveryKind_IsLoggedAndCountedWithoutWhatProvesACaller()
    {
        var counted = new List<string>();
        using var listener = Listen(counted);
        var token = ReadingFixture.Request(null, "", headers => headers.Authorization = "Bearer secret-token");
        var asked = new (HttpRequest Request, string Answer, LogLevel Level, string Line)[]
        {
            (ReadingFixture.Request(_fixture.Certificate), "reached", LogLevel.Debug, "certificate: allowed "),
            (ReadingFixture.Request(_fixture.Stranger), "403 urn:relay:not-a-caller", LogLevel.Information, "certificate: not-a-caller "),
            (ReadingFixture.Request(_fixture.Operator), "403 urn:relay:not-a-caller", LogLevel.Information, "operator: not-a-caller "),
            (ReadingFixture.Request(null), "401 urn:relay:unauthenticated", LogLevel.Debug, "nobody: unauthenticated "),
            (token, "401 urn:relay:unauthenticated", LogLevel.Debug, "nobody: unauthenticated "),
        };
        foreach (var (request, answer, level, line) in asked)
        {
            Assert.Equal(answer, await CallAsync(request, "ReadCheckpoint", Name));
            Assert.Equal((level, "Call GET ReadCheckpoint by " + line), _fixture.Decisions.Lines[^1]);
        }

        Assert.Equal(asked.Length, _fixture.Decisions.Lines.Count);
        Assert.Equal(asked.Select(one => "GET ReadCheckpoint by " + one.Line), counted);
        Assert.DoesNotContain(_fixture.Decisions.Lines, line => line.Line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Operator_ByPinnedCertificate_PassesWhereOperatorsMayAndIsNamed()
    {
        var decision = await DecideAsync(ReadingFixture.Request(_fixture.Operator), CallerKind.Operator, Name);
        var key = Convert.ToHexStringLower(ReadingFixture.HashOf(_fixture.Operator))[..16];
        Assert.Equal((CallVerdict.Allowed, CallerClass.Operator, key), (decision.Verdict, decision.Caller, decision.Principal));

        foreach (var (certificate, verdict) in new[]
        {
            (_fixture.Certificate, CallVerdict.NotAnOperator),
            (_fixture.Stranger, CallVerdict.NotAnOperator),
            (null, CallVerdict.Unauthenticated),
        })
        {
            Assert.Equal(verdict, (await DecideAsync(ReadingFixture.Request(certificate), CallerKind.Operator, Name)).Verdict);
        }

        // Whoever may not is not told whether a name is one; who may is.
        var named = await DecideAsync(ReadingFixture.Request(_fixture.Certificate), CallerKind.Operator, "Bad");
        Assert.Equal(CallVerdict.NotAnOperator, named.Verdict);
        named = await DecideAsync(ReadingFixture.Request(_fixture.Operator), CallerKind.Operator, "Bad");
        Assert.Equal(CallVerdict.NoSuchName, named.Verdict);
        Assert.Equal(0, _fixture.Source.Reads);
        // Out of date it is nobody's.
        _fixture.Time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(
            CallVerdict.Unauthenticated, (await DecideAsync(ReadingFixture.Request(_fixture.Operator), CallerKind.Operator, null)).Verdict);
    }

    [Fact]
    public async Task Operator_WhereMembersMayToo_NeedNotBeOne()
    {
        const CallerKind Both = CallerKind.Member | CallerKind.Operator;
        foreach (var certificate in new[] { _fixture.Operator, _fixture.Certificate })
        {
            Assert.Equal(CallVerdict.Allowed, (await DecideAsync(ReadingFixture.Request(certificate), Both, Name)).Verdict);
        }

        Assert.Equal(CallVerdict.NotACaller, (await DecideAsync(ReadingFixture.Request(_fixture.Stranger), Both, Name)).Verdict);
    }

    [Theory]
    [InlineData("Relay.Operator", CallVerdict.Allowed)]
    [InlineData("Other;Relay.Operator", CallVerdict.Allowed)]
    [InlineData("relay.operator", CallVerdict.NotAnOperator)]
    [InlineData("Other", CallVerdict.NotAnOperator)]
    [InlineData("", CallVerdict.NotAnOperator)]
    public async Task Operator_ByTheRoleOfAToken_IsWhoHasExactlyThat(string roles, CallVerdict verdict)
    {
        using var authority = new TestAuthority(_fixture);
        // In the claim of app roles alone: a scope or a group of the same name is none.
        var claims = roles.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(role => new Claim("roles", role))
            .Append(new Claim("scp", "Relay.Operator"));
        var request = TestAuthority.WithToken(authority.Sign(claims: claims));
        Assert.Equal(verdict, (await DecideAsync(request, CallerKind.Operator, null)).Verdict);
    }

    [Fact]
    public async Task Operator_WhoseTokenIsNotInDateOrForUs_IsNobody()
    {
        using var authority = new TestAuthority(_fixture);
        using var other = RSA.Create(2048);
        Claim[] role = [new("roles", "Relay.Operator")];
        foreach (var token in new[]
        {
            authority.Sign(claims: role, audience: "api://else"),
            authority.Sign(claims: role, issuer: "https://login.example/other/v2.0"),
            authority.Sign(claims: role, expires: _fixture.Time.GetUtcNow().AddMinutes(-3)),
            authority.Sign(claims: role, key: other),
        })
        {
            Assert.Equal(
                CallVerdict.Unauthenticated, (await DecideAsync(TestAuthority.WithToken(token), CallerKind.Operator, null)).Verdict);
        }
    }

    [Theory]
    [InlineData("Relay.Operator", "", true)]
    [InlineData("", "", false)]
    [InlineData("Relay.Operator", "00", false)]
    [InlineData("Relay.Operator", "6f1c2b8e-7a55-4d0e-9a3e-2f0a4b8f5c11", false)]
    [InlineData("Relay.Operator", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", true)]
    public void OperatorOptions_ThatCouldMatchNobody_DoNotStart(string role, string certificate, bool valid)
    {
        var options = new OperatorOptions { Role = role };
        if (certificate.Length > 0) options.Certificates.Add(certificate);
        Assert.Equal(valid, new OperatorOptionsValidator().Validate(null, options).Succeeded);
    }

    // Of this fixture's meter alone.
    private MeterListener Listen(List<string> counted)
    {
        var meter = _fixture.Meters.Create("Relay");
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name != "relay.calls" || !ReferenceEquals(instrument.Meter.Scope, meter.Scope)) return;
                self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            var named = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
            counted.Add($"{named["relay.operation"]} by {named["relay.caller"]}: {named["relay.decision"]} ");
        });
        listener.Start();
        return listener;
    }

    private ValueTask<CallDecision> DecideAsync(HttpRequest request, CallerKind allowed, string? negotiation) =>
        _fixture.Guard.DecideAsync(request.HttpContext, allowed, negotiation, TestContext.Current.CancellationToken);

    private async Task<string> CallAsync(HttpRequest request, string function, string? negotiation)
    {
        _reached = false;
        var (response, body) = await _fixture.CallAsync(request, function, negotiation, () =>
        {
            _reached = true;
            return Task.FromResult<IActionResult>(new EmptyResult());
        });
        return _reached ? "reached" : $"{response.StatusCode} {(string?)JsonNode.Parse(body)!["type"]}";
    }

    private Task Reach(Microsoft.Azure.Functions.Worker.FunctionContext context)
    {
        _reached = true;
        return Task.CompletedTask;
    }
}
