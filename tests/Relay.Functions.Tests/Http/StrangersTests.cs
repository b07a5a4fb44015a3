using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Relay.Core.Directory;
using Relay.Core.Tests;
using Relay.Functions.Tests.Reading;
using Relay.Protocol.Envelopes;
using Relay.Testing.Ledger;

namespace Relay.Functions.Tests.Http;

/// <summary>What strangers can spend is not the members'.</summary>
public sealed class StrangersTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Strangers_AThousandNewNamesASecond_NeverCostAMembersFirstRead(bool post)
    {
        await using var fixture = new ReadingFixture();
        var token = TestContext.Current.CancellationToken;
        var members = Enumerable.Range(1, 9).Select(i => $"geneva-{i}").ToArray();
        fixture.Source.Answer = (name, _) => members.Contains(name)
            ? FakeDirectorySource.Found(Document(name, fixture))
            : new(DirectoryReadStatus.NotFound, default, null);
        fixture.Source.Listed = members.ToHashSet();
        var negotiation = new TestNegotiation(fixture.Time.GetUtcNow());
        var submit = fixture.Create<SubmitEnvelope>();
        for (var second = 0; second < members.Length; second++)
        {
            using var ledger = new StoredLedger(fixture.Store, fixture.Certifier, members[second]);
            await ledger.CommitAsync("us", Lane.Normal, 1, fixture.Time.GetUtcNow(), token);
            for (var i = 0; i < 1_000; i++)
            {
                var name = $"made-up-{second}-{i}";
                var status = post
                    ? await PostAsync(submit, await negotiation.SignAsync(negotiation.Draft(negotiation: name), "stranger"))
                    : await ReadAsync(fixture, fixture.Stranger, name);
                Assert.Equal(post ? 422 : 403, status);
            }

            Assert.Equal(200, await ReadAsync(fixture, fixture.Certificate, members[second]));
            fixture.Time.Advance(TimeSpan.FromSeconds(1));
        }

        // What strangers cost the directory is bounded too: fifty reads a second, and one listing each ten.
        Assert.InRange(fixture.Source.Reads, members.Length, members.Length * 51);
        Assert.InRange(fixture.Source.Listings, 1, 2);
    }

    private static byte[] Document(string name, ReadingFixture fixture)
    {
        var document = JsonNode.Parse(TestNegotiation.Document(negotiation: name))!;
        document["delegations"]!["us"]!["callers"] = new JsonArray(Convert.ToHexStringLower(ReadingFixture.HashOf(fixture.Certificate)));
        return Encoding.UTF8.GetBytes(document.ToJsonString());
    }

    private static async Task<int> ReadAsync(
        ReadingFixture fixture, System.Security.Cryptography.X509Certificates.X509Certificate2 caller, string negotiation)
    {
        var request = ReadingFixture.Request(caller);
        var (response, _) = await fixture.CallAsync(
            request,
            "ReadCheckpoint",
            negotiation,
            () => fixture.Create<ReadLedger>().CheckpointAsync(request, negotiation, TestContext.Current.CancellationToken));
        return response.StatusCode;
    }

    private static async Task<int> PostAsync(SubmitEnvelope submit, byte[] wire)
    {
        var context = new DefaultHttpContext { RequestServices = ReadingFixture.AnswerServices };
        context.Request.Method = HttpMethods.Post;
        context.Request.Body = new MemoryStream(wire);
        context.Response.Body = Stream.Null;
        var answer = await submit.RunAsync(context.Request, TestContext.Current.CancellationToken);
        await answer.ExecuteResultAsync(new ActionContext { HttpContext = context });
        return context.Response.StatusCode;
    }
}
