var builder = WebApplication.CreateBuilder(args);
builder.Services.AddStackExchangeRedisCache(options =>
{
    options.Configuration = builder.Configuration.GetConnectionString("Sessions");
    options.InstanceName = builder.Configuration["Session:InstanceName"];
});
builder.Services.AddSession(options =>
{
    options.Cookie.Name = builder.Configuration["Session:CookieName"];
    options.Cookie.Domain = builder.Configuration["Session:CookieDomain"];
});
var app = builder.Build();
app.UseSession();
app.Run();
